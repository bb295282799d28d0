/** One plan. */
import { useParams } from "react-router";
import { PlanPage } from "../plans/PlanPage";
import { PlansFrame } from "../plans/PlansFrame";

/** The page. */
export default function PlanView() {
  const { name } = useParams();
  return (
    <PlansFrame name={name}>
      {({ plans }, plan) => plan && <PlanPage key={plan.id} plan={plan} taken={plans.map((one) => one.name)} />}
    </PlansFrame>
  );
}
