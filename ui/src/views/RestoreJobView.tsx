/** `/restore/job/:job`: a restore while it runs, and its report. */
import { useParams } from "react-router";
import { RestoreRun } from "../restore/RestoreRun";

export default function RestoreJobView() {
  const { job = "" } = useParams();
  return <RestoreRun id={job} />;
}
