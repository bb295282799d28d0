/** What is in a bundle: its collections and files with their numbers. */
import { Table } from "@mantine/core";
import type { BundleReply } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { databaseNames, partOf } from "../shared/databases";
import { Empty } from "../shared/ListStates";

const kinds = ["files", "assets", "pages"];

/** The table. */
export function BundleParts({ bundle }: { bundle: BundleReply }) {
  const { t } = useTranslation();
  if (bundle.parts.length === 0) {
    return <Empty title={t("bundles:emptyBundle")} />;
  }
  const databases = databaseNames(bundle.parts.map(({ name }) => name));
  return (
    <div className="card">
      <Table aria-label={t("bundles:inside")}>
        <Table.Thead>
          <Table.Tr h="2.0625rem">
            <Table.Th>{t("bundles:inside")}</Table.Th>
            <Table.Th>{t("bundles:kind")}</Table.Th>
            <Table.Th className="num">{t("bundles:items")}</Table.Th>
            <Table.Th className="num">{t("bundles:size")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {bundle.parts.map((part) => {
            const known = kinds.includes(part.name);
            const of = partOf(part.name);
            const documents = databases.has(part.name) || bundle.foreign != null;
            return (
              <Table.Tr key={part.name} h="2.25rem">
                <Table.Td className="strong" style={{ overflowWrap: "anywhere" }}>
                  {known ? t(`bundles:part.${part.name}`) : (of?.database ?? part.name)}
                </Table.Td>
                <Table.Td className="quiet">
                  {known
                    ? t("bundles:kindFiles")
                    : of || documents
                      ? t(`bundles:kindOf.${of?.part ?? "documents"}`)
                      : t("bundles:kindTable")}
                </Table.Td>
                <Table.Td className="num">{count(part.items)}</Table.Td>
                <Table.Td className="num">{part.bytes == null ? "" : bytes(part.bytes)}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </div>
  );
}
