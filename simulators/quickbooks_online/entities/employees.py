"""Employees: here for the names that customers and vendors share with them."""

from __future__ import annotations

from simulators.quickbooks_online.entities.blocks import (
    COMMON,
    WEBSITE,
    address,
    mail,
    phone,
)
from simulators.quickbooks_online.entities.names import FORBIDDEN, SHARED_NAMES
from simulators.quickbooks_online.entities.unmodelled import unmodelled
from simulators.quickbooks_online.rules.names import prepare_employee
from simulators.quickbooks_online.schema import (
    Entity,
    Fields,
    anything,
    block,
    boolean,
    choice,
    computed,
    date,
    number,
    text,
)

EMPLOYEE = Entity(
    name="Employee",
    family="Names",
    fields=Fields(
        *COMMON,
        text("DisplayName", 500, forbidden=FORBIDDEN),
        text("Title", 16, forbidden=FORBIDDEN),
        text("GivenName", 100, forbidden=FORBIDDEN),
        text("MiddleName", 100, forbidden=FORBIDDEN),
        text("FamilyName", 100, forbidden=FORBIDDEN),
        text("Suffix", 16, forbidden=FORBIDDEN),
        text("CompanyName", 100),
        text("PrintOnCheckName", 110, forbidden=FORBIDDEN),
        boolean("Active"),
        phone("PrimaryPhone"),
        phone("AlternatePhone"),
        phone("Mobile"),
        phone("Fax"),
        mail("PrimaryEmailAddr"),
        block("WebAddr", WEBSITE),
        address("PrimaryAddr"),
        text("EmployeeNumber", 100),
        text("EmployeeType", 100),
        text("SSN", 100, is_queryable=False),
        text("Notes", 4000, is_queryable=False),
        choice("Gender", "Male", "Female"),
        boolean("BillableTime"),
        boolean("UseTimeEntry"),
        number("BillRate"),
        number("CostRate"),
        date("BirthDate"),
        date("HiredDate"),
        date("ReleasedDate"),
        *computed("FullyQualifiedName", "V4IDPseudonym", "IntuitId", "UserId"),
        *anything("Organization"),
        *unmodelled("Employee"),
    ),
    name_field="DisplayName",
    name_shared_with=SHARED_NAMES,
    prepare=prepare_employee,
)
