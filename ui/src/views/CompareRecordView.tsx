/** One record then, in the newest backup and live, with a choice per field. */
import { useSearchParams } from "react-router";
import { RecordComparePage } from "../compare/RecordComparePage";

/** `/compare/record?source=&c=&r=&a=` */
export default function CompareRecordView() {
  const [query] = useSearchParams();
  // Another record begins without choices.
  return <RecordComparePage key={query.toString()} />;
}
