// Holds the verdicts in shared/query/tests/data/traceql-grammar.jsonl to Grafana's grammar:
// `npm ci && node traceql.mjs` prints each verdict, and fails where one is not what is written down.
import { readFileSync } from "node:fs";
import { parser } from "@grafana/lezer-traceql";

const file = new URL("../../shared/query/tests/data/traceql-grammar.jsonl", import.meta.url);

function isValid(query) {
  let valid = true;
  parser.parse(query).iterate({
    enter: (node) => {
      valid &&= !node.type.isError;
    },
  });
  return valid;
}

let wrong = 0;
for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
  const { query, lezer } = JSON.parse(line);
  const valid = isValid(query);
  const agrees = valid === lezer;
  wrong += agrees ? 0 : 1;
  console.log(`${valid ? "valid  " : "invalid"} ${agrees ? "" : "NOT AS WRITTEN "}${JSON.stringify(query)}`);
}
process.exitCode = wrong === 0 ? 0 : 1;
