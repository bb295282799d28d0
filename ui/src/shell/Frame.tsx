/** The frame around every page: side bar, content, and what lies over both. */
import { useEffect, useRef } from "react";
import { Outlet, useLocation } from "react-router";
import { useCall } from "../api";
import { setLanguage, useTranslation } from "../i18n";
import { hush, useSaid } from "../shared/live";
import { paths } from "../shared/paths";
import { setAppearance, useAppearance } from "../theme/appearance";
import { DropOverlay } from "./DropOverlay";
import css from "./Frame.module.css";
import { LockScreen } from "./LockScreen";
import { Palette } from "./Palette";
import { SecretDialog } from "./SecretDialog";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { SideBar } from "./SideBar";
import { UndoDialog } from "./UndoDialog";
import { useDesktopEvents } from "./useDesktopEvents";
import { useFrameShortcuts } from "./useFrameShortcuts";
import { useIdleLock } from "./useIdleLock";
import { useJobVoice } from "./useJobVoice";
import { useZoomKeys } from "./useZoomKeys";

/** The engine's settings are the truth about how the window looks. */
function useSettings(): void {
  const { data } = useCall("settings.get", {}, { silent: true });
  useEffect(() => {
    if (data) {
      setAppearance(data);
    }
  }, [data]);
  const { language } = useAppearance();
  useEffect(() => setLanguage(language), [language]);
}

/** A new page is read from its top: scroll and focus go there. The first page leaves the focus alone. */
function useRouteFocus(): React.RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current !== pathname) {
      last.current = pathname;
      main.current?.scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
  }, [pathname]);
  return main;
}

/** The two live regions everything is said through. */
function Live() {
  const { polite, assertive } = useSaid();
  return (
    <div className="visually-hidden">
      <div aria-live="polite">{polite}</div>
      <div aria-live="assertive">{assertive}</div>
    </div>
  );
}

function Unlocked() {
  const { t } = useTranslation();
  const main = useRouteFocus();
  const { pathname } = useLocation();
  useJobVoice();
  useIdleLock();
  useFrameShortcuts();
  useZoomKeys();
  return (
    <>
      <button type="button" className={css.skip} onClick={() => main.current?.focus()}>
        {t("shell:nav.skip")}
      </button>
      <div className={css.frame}>
        {pathname !== paths.welcome() && <SideBar />}
        <main
          ref={main}
          id="content"
          className={css.content}
          tabIndex={-1}
          data-region
          aria-label={t("shell:region.content")}
        >
          <Outlet />
        </main>
      </div>
      <Palette />
      <ShortcutsDialog />
      <UndoDialog />
      <DropOverlay />
    </>
  );
}

/** The frame, or the lock before it. Nothing is drawn before it is known which of the two. */
export function Frame() {
  useSettings();
  const lock = useCall("lock.state", {}, { silent: true });
  const locked = lock.data?.locked ?? lock.isPending;
  useDesktopEvents(locked);
  useEffect(() => {
    if (locked) {
      hush();
    }
  }, [locked]);
  return (
    <>
      <Live />
      {lock.data?.locked && <LockScreen state={lock.data} />}
      {!locked && <Unlocked />}
      <SecretDialog locked={locked} />
    </>
  );
}
