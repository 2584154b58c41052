"""Makes a large dump of a small recording: its events again and again, with dicts and lists of their own, as PyTorch writes them.

    python3 bench/explain/make.py RECORDING.pickle[.gz] MEGABYTES OUT.pickle
"""

import gzip
import pickle
import sys

recording, megabytes, out = sys.argv[1], float(sys.argv[2]), sys.argv[3]
opened = gzip.open(recording) if recording.endswith(".gz") else open(recording, "rb")
dump = pickle.load(opened)
trace = dump["device_traces"][0]
frames = {}


def event(old, shift):
    """A copy with a dict and a list of frames of its own; the dicts of frames are shared, as PyTorch shares them."""
    new = dict(old)
    new["frames"] = [frames.setdefault((f["filename"], f["name"], f["line"]), f) for f in old["frames"]]
    if "time_us" in new:
        new["time_us"] += shift
    for key in ("compile_context", "user_metadata"):
        if key in new:
            new[key] = bytes(new[key], "utf8").decode()  # a string of its own each time
    return new


# A loop whose events repeat must begin and end alike: what is left allocated at the end is freed.
one = len(pickle.dumps({**dump, "device_traces": [[event(e, 0) for e in trace]]}))
times = max(1, round(megabytes * 1e6 / one))
left = {}
for e in trace:
    if e["action"] == "alloc":
        left[e["addr"]] = e
    elif e["action"] == "free_completed":
        left.pop(e["addr"], None)
frees = [{**e, "action": action} for e in left.values() for action in ("free_requested", "free_completed")]
plain = [e for e in trace if e["action"] in ("alloc", "free_requested", "free_completed")]
live = set()
loop = []
for e in plain:  # without the frees of what was allocated before
    if e["action"] == "alloc":
        live.add(e["addr"])
    elif e["addr"] not in live:
        continue
    elif e["action"] == "free_completed":
        live.discard(e["addr"])
    loop.append(e)
dump["device_traces"] = [
    [event(e, 10_000_000 * i) for i in range(times - 1) for e in loop + frees] + [event(e, 10_000_000 * times) for e in trace]
]
with open(out, "wb") as file:
    pickle.dump(dump, file)
