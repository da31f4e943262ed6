"""Views of lifted programs and of the scalar nodes that each line computes."""
