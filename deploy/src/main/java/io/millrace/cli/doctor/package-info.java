/** Finding out what is wrong with an installation, and saying how to mend it. */
@NullMarked
package io.millrace.cli.doctor;

import org.jspecify.annotations.NullMarked;
