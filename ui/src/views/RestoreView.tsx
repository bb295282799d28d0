/** `/restore`: the wizard. */
import { RestoreWizard } from "../restore/RestoreWizard";

export default function RestoreView() {
  return <RestoreWizard />;
}
