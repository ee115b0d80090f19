//! Statistics on plain numbers: the only room that touches a distribution library.
