"""The HTML page of a plan: values for its template, and the template with its style and script.

The values hold raw text. It is made safe in one place, `template`, on its way into the markup.
"""
