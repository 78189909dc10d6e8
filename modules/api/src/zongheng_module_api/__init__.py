"""What a service module is written against: one hook, a context, and nothing of the hub."""

from zongheng_module_api.context import Effect, ModuleContext, Transaction
from zongheng_module_api.hookspecs import PROJECT, hookimpl, hookspec
from zongheng_module_api.module import Handler, Manifest, Module

__all__ = [
    "PROJECT",
    "Effect",
    "Handler",
    "Manifest",
    "Module",
    "ModuleContext",
    "Transaction",
    "hookimpl",
    "hookspec",
]
