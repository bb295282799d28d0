/** The settings of a source: a form made for its kind where there is one, else one made from the connector's list. */
import type { ProbePart } from "../api";
import { CouchForm } from "./couch/CouchForm";
import { OptionsForm, type OptionsFormProps } from "./OptionsForm";

/** What the form needs. */
export interface ConnectorFormProps extends OptionsFormProps {
  /** What the source can be chosen from, once it was reached. */
  parts?: ProbePart[] | undefined;
}

/** See above. */
export function ConnectorForm({ parts, ...form }: ConnectorFormProps) {
  return form.connector.kind === "couchdb" ? <CouchForm {...form} parts={parts} /> : <OptionsForm {...form} />;
}
