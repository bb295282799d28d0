/** What shows while something is dragged over the window: it may be let go, and nothing is restored by that. */
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { useCall } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { platform } from "../platform";
import css from "./DropOverlay.module.css";
import { fileRoute } from "./useDesktopEvents";

function fileName(path: string): string {
  return (
    path
      .replace(/[/\\]+$/, "")
      .split(/[/\\]/)
      .pop() ?? path
  );
}

/** Over the whole window, also over dialogs. */
export function DropOverlay() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [files, setFiles] = useState<string[] | null>(null);
  const found = useCall(
    "path.inspect",
    { path: files?.[0] ?? "" },
    { silent: true, enabled: files?.length === 1 },
  ).data;
  useEffect(
    () =>
      platform().onDrop((event) => {
        if (event.type === "enter") {
          setFiles(event.paths);
        } else if (event.type === "leave") {
          setFiles(null);
        } else if (event.type === "drop") {
          setFiles(null);
          void fileRoute(event.paths).then((to) => to && navigate(to));
        }
      }),
    [navigate],
  );
  if (!files) {
    return null;
  }
  const [first] = files;
  const unknown = found?.kind === "unknown" || found?.kind === "missing";
  return (
    <div className={css.veil} role="status">
      <div className={css.inner}>
        <svg viewBox="0 0 44 52" className={css.file} aria-hidden>
          <path d="M3 6a4 4 0 0 1 4-4h21l13 13v31a4 4 0 0 1-4 4H7a4 4 0 0 1-4-4z M28 2v13h13" />
          <path d="M22 22v17M15 33l7 7 7-7" />
        </svg>
        <svg viewBox="0 0 220 20" className={css.stay} aria-hidden>
          <path d="M6 10H104" className={css.rope} />
          {[6, 32, 58, 84].map((x) => (
            <circle key={x} cx={x} cy="10" r="5" className={css.knot} />
          ))}
          <path d="M120 10H214" className={css.dots} />
          <circle cx="112" cy="10" r="7.5" className={css.ring} />
        </svg>
        <h1>
          {files.length > 1
            ? t("shell:drop.many", { n: count(files.length) })
            : t(unknown ? "shell:drop.unknown" : "shell:drop.title")}
        </h1>
        {files.length === 1 && first && (
          <div className={css.name}>
            {[fileName(first), found?.bytes != null ? bytes(found.bytes) : ""].filter(Boolean).join(" · ")}
          </div>
        )}
        <p className="quiet">{t(unknown ? "shell:drop.reads" : "shell:drop.safe")}</p>
      </div>
    </div>
  );
}
