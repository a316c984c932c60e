"""The HTTP API: django-ninja over the stages' doors, one module a stage."""
