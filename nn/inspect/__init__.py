"""Looking at networks and trainings: signals in the layers, diagnoses, histories with snapshots."""
