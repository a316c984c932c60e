"""The pages: Django templates and htmx over the stages' doors, one module a stage."""
