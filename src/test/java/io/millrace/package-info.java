/** Tests of Millrace as a whole, and of its command line. */
@NullMarked
package io.millrace;

import org.jspecify.annotations.NullMarked;
