"""Views: values in, strings out.

Nothing here prints, reads or asks. A document (`render`, `text`, `as_json`, `outputs_…`) ends with
a newline; a line or a summary doesn't. Whatever comes from manifests or from the service goes
through `escape` on its way out.
"""
