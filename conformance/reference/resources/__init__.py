"""The resources of Clean Rooms, one module per family; each handler reads like its documentation.

They know the contract through what they are called with, and nothing of HTTP.
"""
