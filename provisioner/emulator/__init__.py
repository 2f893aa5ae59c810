"""An HTTP server that behaves as the Azure OpenAI service does for Assistants, oddities included.

It shares nothing with the rest of the product: a mistake about Azure must not be made once and
believed twice. Sources are named in comments by what they are: *recorded* means traffic of the real
service published with the Azure SDKs' tests; *Azure's document* means the OpenAPI document of the
api-version in question; *OpenAI's document* means OpenAI's own, for what Azure's leave out.
`docs/emulator.md` lists every oddity kept and every uncertainty decided.
"""
