"""Zongheng's wire contracts: .proto files, generated messages, reasons for errors."""
