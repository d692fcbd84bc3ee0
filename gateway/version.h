/*
 * version.h: the version of this program.
 */
#ifndef TANDEM_GATEWAY_VERSION_H
#define TANDEM_GATEWAY_VERSION_H

#ifndef TANDEM_VERSION
#define TANDEM_VERSION "0.1"
#endif

#endif
