"""The task of joinSQL by Polars: a full outer join of the levels; records that mismatch go to one Parquet file. The job comes as JSON on standard input."""
import json
import sys

import polars as pl

job = json.load(sys.stdin)
key, fields = job["key"], job["fields"]
levels = []
for l, path in enumerate(job["files"]):
    scan = pl.scan_parquet(path) if job["format"] == "parquet" else pl.scan_csv(path, infer_schema=False)
    levels.append(scan.rename({f: f"{f}_{l}" for f in fields}).with_columns(pl.lit(True).alias(f"in_{l}")))
joined = levels[0]
for level in levels[1:]:
    joined = joined.join(level, on=key, how="full", coalesce=True)
everywhere = [pl.col(f"in_{l}").fill_null(False) for l in range(len(levels))]
differ = [pl.col(f"{f}_0").ne_missing(pl.col(f"{f}_{l}")) for f in fields for l in range(1, len(levels))]
joined.with_columns(everywhere).filter(~pl.all_horizontal(everywhere) | pl.any_horizontal(differ)).sink_parquet(
    job["output"], compression="snappy", engine="streaming")
print("null")
