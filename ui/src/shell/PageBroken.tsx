/** A page that could not be drawn: the frame stays, the error says so. */
import { Button } from "@mantine/core";
import { Link, useRouteError } from "react-router";
import { asError } from "../api/error";
import { useTranslation } from "../i18n";
import { ErrorNote } from "../shared/ErrorNote";
import { paths } from "../shared/paths";

/** The error boundary of all pages. */
export function PageBroken() {
  const { t } = useTranslation();
  const error = asError(useRouteError());
  return (
    <ErrorNote
      error={error}
      title={t("shell:broken.title")}
      onRetry={() => location.reload()}
      actions={
        <Button component={Link} to={paths.overview()}>
          {t("shell:broken.home")}
        </Button>
      }
    />
  );
}
