//! See `fleetnet_holds::image_any`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    fleetnet_holds::image_any(bytes);
});
