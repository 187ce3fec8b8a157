"""How the addresses of a node move to another node: one module for each way."""

from ..manifest import BgpAddresses, Manifest, VrrpAddresses
from .bgp import BgpMobility
from .fixed import FixedMobility
from .mobility import AddressMobility, MobilityStatus
from .vrrp import VrrpMobility

__all__ = ["AddressMobility", "MobilityStatus"]


def for_release(live: Manifest) -> AddressMobility:
    """The address mobility of a release."""
    if isinstance(live.mobility, VrrpAddresses):
        return VrrpMobility(live, live.mobility)
    if isinstance(live.mobility, BgpAddresses):
        return BgpMobility(live, live.mobility)
    return FixedMobility()
