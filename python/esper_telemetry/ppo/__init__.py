"""The built-in workload in PyTorch: ``python3 -m esper_telemetry.ppo``. It needs torch and nothing else.

The same PPO as the TypeScript trainer's: networks, initialisation, losses, hyperparameters and environments.
"""
