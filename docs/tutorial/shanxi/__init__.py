"""The whole main job of Zongheng, played for the province of Shanxi: `make demo`."""
