"""What a run found, as pages, files and comparisons, all made from report.json and nothing else.

This layer never meets a target, a contract or a check: whatever a writer shows stands in the
report. `load` reads and checks one, `formats` lists the writers, `outcome` says whether it is
green.
"""
