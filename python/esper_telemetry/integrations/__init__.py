"""Ready callbacks for training libraries. Each module imports its library; nothing else here does.

A callback given a ``run`` records into it and leaves its end to the code that began it; otherwise it begins one with the
keyword arguments of :func:`esper_telemetry.start`, and ends it when training does.
"""
