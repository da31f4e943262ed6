"""Inspection of networks and trainings: signals of layers, diagnoses, histories with snapshots."""
