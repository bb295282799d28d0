/** Plans: goes to the first one, or says that there is none. */
import { PlansFrame } from "../plans/PlansFrame";

/** The page. */
export default function PlansView() {
  return <PlansFrame />;
}
