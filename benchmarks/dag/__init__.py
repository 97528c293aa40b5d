"""What the suite of DAG learning needs: data, measures, baselines and the yardstick."""
