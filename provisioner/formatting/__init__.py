"""The canonical form of manifests: order of keys and style, with every comment and text kept."""
