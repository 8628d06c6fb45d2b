//! Whose operations on `f32` a program for a processor without an FPU calls.

use host_sim::board::firmware::Image;

/// Those of the library in place of the compiler's or of those in a chip's ROM, which give the same bits and take longer.
pub fn are_the_librarys(image: &Image) {
    for operation in ["add", "sub", "mul", "div"] {
        let [called, own] = [format!("__{operation}sf3"), format!("trainlet_{operation}sf3")];
        let addresses = [&called, &own].map(|name| image.address(name).unwrap());
        assert!(addresses[0].is_some() && addresses[0] == addresses[1], "{called}, {own}: {addresses:x?}");
    }
}
