"""What all lists take: how many, and where to go on."""

from marshmallow import Schema, fields, validate


class PageQuery(Schema):
    """`cursor` is the `next` of the page before."""

    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
    cursor = fields.String(load_default=None, validate=validate.Length(1, 500))
