"""What providers send to change their supply: the contract's own members, by their public names."""

from services.gateway.routes.contract_bodies import body_of
from shared.contracts import booking_supply_forms as forms

HoursBody = body_of(forms.ChangeHoursRequestSchema, "HoursBody")
RulesBody = body_of(forms.ChangeRulesRequestSchema, "RulesBody")
ServiceRulesBody = body_of(forms.ChangeServiceRulesRequestSchema, "ServiceRulesBody", "service_id")
StaffBody = body_of(forms.PutStaffRequestSchema, "StaffBody", "staff_id")
ResourceBody = body_of(forms.PutResourceRequestSchema, "ResourceBody", "resource_id")
RemoveBody = body_of(forms.RemoveTimeOffRequestSchema, "RemoveBody", "time_off_id")
TimeOffBody = body_of(forms.AddTimeOffRequestSchema, "TimeOffBody")
