/** What is in a bundle: its collections and files with their numbers. */
import { Table } from "@mantine/core";
import type { BundleReply } from "../api";
import { useTranslation } from "../i18n";
import { bytes, count } from "../i18n/format";
import { Empty } from "../shared/ListStates";

const kinds = ["files", "assets", "pages"];

/** The table. */
export function BundleParts({ bundle }: { bundle: BundleReply }) {
  const { t } = useTranslation();
  if (bundle.parts.length === 0) {
    return <Empty title={t("bundles:emptyBundle")} />;
  }
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
            return (
              <Table.Tr key={part.name} h="2.25rem">
                <Table.Td className="strong" style={{ overflowWrap: "anywhere" }}>
                  {known ? t(`bundles:part.${part.name}`) : part.name}
                </Table.Td>
                <Table.Td className="quiet">{t(known ? "bundles:kindFiles" : "bundles:kindTable")}</Table.Td>
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
