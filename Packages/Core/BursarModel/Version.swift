/// The version of Bursar, the same for all its programs.
package enum Version {
    package static let current = "0.1.0"
}
