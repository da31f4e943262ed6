"""What happens at a call: arguments taken apart, a variant run, results given their structure."""
