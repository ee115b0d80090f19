"""Times scipy's theilslopes and pymannkendall's original_test on series like benches/change.rs.

pip install scipy pymannkendall; python benches/peers/trend.py
"""
import random
import time

import pymannkendall
import scipy
import scipy.stats

random.seed(20240229)
series = []
for _ in range(1000):
    day, days, scores = 19700, [], []
    for _ in range(24):
        day += random.randint(25, 35)
        days.append(day)
        scores.append(float(sum(random.randint(0, 3) for _ in range(9))))
    series.append((days, scores))

for name, run in [
    ("scipy theilslopes", lambda t, y: scipy.stats.theilslopes(y, t, 0.95)),
    ("pymannkendall original_test", lambda t, y: pymannkendall.original_test(y)),
]:
    best = None
    for _ in range(5):
        start = time.perf_counter()
        for t, y in series:
            run(t, y)
        spent = time.perf_counter() - start
        best = spent if best is None else min(best, spent)
    print(f"{name}: {best / len(series) * 1e6:.1f} us a series (scipy {scipy.__version__})")
