"""The recorder: readings as they were received, in Parquet files by day and shard."""
