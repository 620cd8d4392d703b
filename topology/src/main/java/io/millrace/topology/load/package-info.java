/** How loaded each partition is, and a consumer that fetches accordingly. */
@NullMarked
package io.millrace.topology.load;

import org.jspecify.annotations.NullMarked;
