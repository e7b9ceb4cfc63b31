"""Products and services."""

from __future__ import annotations

from simulators.quickbooks_online.entities.blocks import COMMON
from simulators.quickbooks_online.entities.unmodelled import unmodelled
from simulators.quickbooks_online.rules.items import prepare_item
from simulators.quickbooks_online.schema import (
    Entity,
    Fields,
    anything,
    boolean,
    choice,
    computed,
    date,
    number,
    reference,
    text,
)

INCOME = ("Income", "Other Income")
EXPENSE = ("Expense", "Other Expense", "Cost of Goods Sold")

ITEM = Entity(
    name="Item",
    family="Items",
    fields=Fields(
        *COMMON,
        text("Name", 100, forbidden=":\t\n"),
        text("Sku", 100),
        text("Description", 4000),
        text("PurchaseDesc", 1000),
        choice("Type", "Service", "NonInventory", "Inventory", "Category", "Group"),
        boolean("Active"),
        boolean("Taxable"),
        boolean("SubItem"),
        boolean("SalesTaxIncluded"),
        boolean("PurchaseTaxIncluded"),
        boolean("TrackQtyOnHand"),
        number("UnitPrice", places=7),
        number("PurchaseCost", places=7),
        number("QtyOnHand", places=5),
        number("ReorderPoint", places=5),
        date("InvStartDate"),
        reference("ParentRef", "Item"),
        reference("IncomeAccountRef", "Account", *INCOME),
        reference("ExpenseAccountRef", "Account", *EXPENSE),
        reference("AssetAccountRef", "Account", "Other Current Asset"),
        reference("PrefVendorRef", "Vendor"),
        reference("SalesTaxCodeRef", "TaxCode"),
        reference("PurchaseTaxCodeRef", "TaxCode"),
        text("Source", 100),
        *computed("FullyQualifiedName", "Level", "AvgCost"),
        *computed("QtyOnPurchaseOrder", "QtyOnSalesOrder"),
        *anything("ClassRef", "TaxClassificationRef", "ItemCategoryType"),
        *anything("ItemGroupDetail", "PrintGroupedItems", "CustomExtensions"),
        *unmodelled("Item"),
    ),
    required=("Name",),
    name_field="Name",
    name_shared_with=("Item",),
    number_field="Sku",
    party_field="ParentRef",
    kind_field="Type",
    prepare=prepare_item,
)
