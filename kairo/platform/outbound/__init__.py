"""Requests to addresses that users can set (feeds, webhooks, a CMS), and the webhooks that Kairo sends.

Enter through `client.fetch` or `polite.fetch_politely`, `operations`, `delivering` and `queries`. Nothing here knows
the job table: what must happen later is asked for through the port `contracts.Enqueue`, whose shape is that of
`kairo.platform.jobs.operations.enqueue`. Whoever stands above both hands that function in, and registers for the kind
`contracts.DELIVER_WEBHOOK` a handler that calls `delivering.deliver`.
"""
