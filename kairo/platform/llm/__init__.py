"""One way to ask a model: a typed call in, a checked answer out, every attempt paid from a budget and written down.

Enter through `asking.ask`, `calls.LLMCall`, `prompts.load_prompt`, `operations` and `queries`. Stages keep their calls
in their own llm_calls.py with their prompts beside it; nothing here knows a stage.
"""
