"""What the text of a program is made of: functions that its lines call, and names."""
