"""The whole loop on a virtual clock: evidence → board → variants → ads → clicks → deals → budgets → winners → board.

Stages are called by their doors; the ad platform is the sandbox over HTTP, through the adapter of the product.
"""
