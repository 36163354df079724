"""The task force's risk map: counties, never pipes."""
