/** A new plan. */
import { NewPlan } from "../plans/NewPlan";
import { PlansFrame } from "../plans/PlansFrame";

/** The page. */
export default function PlanAddView() {
  return <PlansFrame adds>{(reply) => <NewPlan known={reply} />}</PlansFrame>;
}
