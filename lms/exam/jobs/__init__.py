"""Sweepers and jobs of the exam room, by what they are about; each may run twice."""
