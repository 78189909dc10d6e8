"""Running service modules: found as plugins, each with a store of its own."""
