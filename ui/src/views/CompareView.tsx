/** Two points in time side by side, or one against the live source. */
import { ComparePage } from "../compare/ComparePage";

/** `/compare?a=&b=&c=` */
export default function CompareView() {
  return <ComparePage />;
}
